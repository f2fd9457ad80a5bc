Attribute VB_Name = "PerpMac"
Option Explicit
Option Private Module

' On macOS Excel may start a program only through a script that xlwings has put into place; formulas have no such way.

Private Const SCRIPT As String = "xlwings-0.37.8.applescript"
Private Const HANDLER As String = "VbaHandler"
Private Const LAUNCHER As String = """$HOME/Library/Application Support/PerpDesk/python"""

' Start a job on the workbook in front; it says itself what came of it.
Public Sub PerpRunOnMac(ByVal job As String)
    Dim command As String
    command = "from xladdin.hosts.excel import macros; macros.main('" & job & "')"
    command = Join(Array("false;;;;;;", LAUNCHER, command, ActiveWorkbook.Name, _
                         Left$(Application.Path, Len(Application.Path) - 4), Environ("HOME") & "/PerpDesk.log"), "|")
    #If Mac Then
        AppleScriptTask SCRIPT, HANDLER, command
    #End If
End Sub
