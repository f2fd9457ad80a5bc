Attribute VB_Name = "PerpLibrary"
Option Explicit
Option Private Module

' The second way to the process that answers, where Windows does not know it by name (an Excel run as administrator):
' the library that comes with xlwings starts it by the command that the installer wrote into the registry.

Private Const CLASS_KEY As String = "\Software\Classes\CLSID\{6F1C1E2A-1B7E-4B60-9E43-7B7B6C6C0A01}\LocalServer32\"
Private Const START As Long = 1
Private Const FINISH As Long = -1
Private Const NO_LIBRARY As Long = vbObjectError + 1002

Private Declare PtrSafe Function LoadLibraryW Lib "kernel32" (ByVal path As LongPtr) As LongPtr
Private Declare PtrSafe Function ActivateBy64 Lib "xlwings64-0.37.8.dll" Alias "XLPyDLLActivateAuto" _
    (ByRef server As Variant, ByVal command As String, ByVal mode As Long) As Long
Private Declare PtrSafe Function ActivateBy32 Lib "xlwings32-0.37.8.dll" Alias "XLPyDLLActivateAuto" _
    (ByRef server As Variant, ByVal command As String, ByVal mode As Long) As Long

Private generation As Long
Private lastCommand As String

' A process of its own. The library never starts the same command twice, so each has its number; the one before is
' ended first, for it may only hang.
Public Function PerpStartByLibrary() As Object
    Dim server As Variant
    Dim unused As Variant
    Dim registered As String
    registered = RegisteredCommand()
    LoadFrom registered
    If lastCommand <> "" Then Activate unused, lastCommand, FINISH
    generation = generation + 1
    lastCommand = registered & " $(CLSID) #" & generation
    If Activate(server, lastCommand, START) <> 0 Then
        Err.Raise NO_LIBRARY, "PerpDesk", CStr(server)
    End If
    Set PerpStartByLibrary = server
End Function

Private Function Activate(ByRef server As Variant, ByVal command As String, ByVal mode As Long) As Long
    #If Win64 Then
        Activate = ActivateBy64(server, command, mode)
    #Else
        Activate = ActivateBy32(server, command, mode)
    #End If
End Function

' "C:\...\pythonw.exe" -m xladdin.hosts.excel.server, for this user or for all.
Private Function RegisteredCommand() As String
    Dim shell As Object
    Set shell = CreateObject("WScript.Shell")
    On Error Resume Next
    RegisteredCommand = shell.RegRead("HKCU" & CLASS_KEY)
    If RegisteredCommand = "" Then RegisteredCommand = shell.RegRead("HKLM" & CLASS_KEY)
    On Error GoTo 0
    If RegisteredCommand = "" Then
        Err.Raise NO_LIBRARY, "PerpDesk", "PerpDesk is not installed for this user"
    End If
End Function

' The library lies beside Python, or above it in a virtual environment.
Private Sub LoadFrom(ByVal command As String)
    Dim folder As String
    Dim library As String
    library = "\xlwings32-0.37.8.dll"
    #If Win64 Then
        library = "\xlwings64-0.37.8.dll"
    #End If
    folder = Left$(command, InStrRev(command, "\pythonw.exe", -1, vbTextCompare) - 1)
    folder = Replace(folder, """", "")
    If LoadLibraryW(StrPtr(folder & library)) <> 0 Then Exit Sub
    folder = Left$(folder, InStrRev(folder, "\") - 1)
    If LoadLibraryW(StrPtr(folder & library)) = 0 Then
        Err.Raise NO_LIBRARY, "PerpDesk", "xlwings' library is not beside Python"
    End If
End Sub
