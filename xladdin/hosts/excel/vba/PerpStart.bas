Attribute VB_Name = "PerpStart"
Option Explicit

' When the add-in opens, Excel learns what each function and argument is for: the function wizard shows it.

Public Sub PerpDescribeAll()
    On Error GoTo Failed
    Application.ScreenUpdating = False
    If Not Described() Then
        ThisWorkbook.IsAddin = False
        Described
        ThisWorkbook.IsAddin = True
    End If
Failed:
    ThisWorkbook.Saved = True
    Application.ScreenUpdating = True
End Sub

' False where Excel refuses, as it does for a workbook that is hidden.
Private Function Described() As Boolean
    On Error GoTo Refused
    PerpDescribeFunctions
    Described = True
Refused:
End Function

Public Sub PerpDescribe(ByVal name As String, ByVal summary As String, ByVal category As String, _
                        ByVal arguments As Variant)
    If UBound(arguments) < 0 Then
        Application.MacroOptions Macro:="'" & ThisWorkbook.name & "'!" & name, Description:=summary, Category:=category
    Else
        Application.MacroOptions Macro:="'" & ThisWorkbook.name & "'!" & name, Description:=summary, _
                                 Category:=category, ArgumentDescriptions:=arguments
    End If
End Sub
