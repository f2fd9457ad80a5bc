Attribute VB_Name = "PerpRibbon"
Option Explicit

' The buttons of the ribbon. Each ends in one message, or in what it was to show.

Private Const BUTTONS As String = "xladdin.hosts.excel.buttons"
Private Const TITLE As String = "PerpDesk"
Private Const LONGEST_MESSAGE As Long = 1000
Private Const NO_DESK As String = "This workbook is no desk: it has no sheet Settings. New desk opens one."

' A job of the desk; its name stands in the tag of its button.
Public Sub PerpDesk_Job(control As IRibbonControl)
    PerpRunJob control.Tag
End Sub

Public Sub PerpDesk_InsertFunction(control As IRibbonControl)
    If ActiveWorkbook Is Nothing Then
        PerpSay "Open a workbook and select the cell for the function first."
    Else
        ActiveCell.FunctionWizard
    End If
End Sub

' The workbook of examples, to read and to copy from; whoever changes it saves it elsewhere.
Public Sub PerpDesk_Examples(control As IRibbonControl)
    Dim path As String
    path = PerpAsk("examples", "making the workbook of examples")
    If path <> "" Then Workbooks.Open path, ReadOnly:=True
End Sub

Public Sub PerpDesk_NewDesk(control As IRibbonControl)
    Dim path As String
    path = PerpAsk("example_desk", "making the example desk")
    If path <> "" Then Workbooks.Add path
End Sub

Public Sub PerpDesk_Why(control As IRibbonControl)
    Dim where As String
    Dim reason As String
    If ActiveWorkbook Is Nothing Then
        PerpSay "Select the cell to explain first."
        Exit Sub
    End If
    where = PerpFormulaCell(ActiveCell).Address(External:=True)
    reason = PerpReason(where)
    If reason = "" Then reason = PerpAsk("why", "looking for the reason", Array(where))
    If reason <> "" Then PerpSay reason
End Sub

Public Sub PerpDesk_Settings(control As IRibbonControl)
    If ActiveWorkbook Is Nothing Then
        PerpSay NO_DESK
        Exit Sub
    End If
    On Error GoTo NoDesk
    ActiveWorkbook.Worksheets("Settings").Activate
    Exit Sub
NoDesk:
    PerpSay NO_DESK
End Sub

Public Sub PerpDesk_Doctor(control As IRibbonControl)
    Dim findings As String
    PerpReconnect
    findings = PerpAsk("doctor", "looking whether all is well")
    If findings <> "" Then PerpSay findings
End Sub

Public Sub PerpDesk_Help(control As IRibbonControl)
    Dim path As String
    path = PerpAsk("help_page", "writing the guide")
    If path <> "" Then ThisWorkbook.FollowHyperlink path
End Sub

' Formulas that name the add-in by a folder where it no longer is ('C:\old\PerpDesk.xlam'!PERP_BETA) name this one.
Public Sub PerpDesk_RepairLinks(control As IRibbonControl)
    Dim links As Variant
    Dim i As Long
    Dim mended As Long
    If ActiveWorkbook Is Nothing Then Exit Sub
    On Error GoTo Failed
    links = ActiveWorkbook.LinkSources(xlExcelLinks)
    If Not IsEmpty(links) Then
        For i = LBound(links) To UBound(links)
            If IsOldPlace(CStr(links(i))) Then
                ActiveWorkbook.ChangeLink CStr(links(i)), ThisWorkbook.FullName, xlExcelLinks
                mended = mended + 1
            End If
        Next i
    End If
    PerpSay mended & " links to another place of the add-in were repaired."
    Exit Sub
Failed:
    PerpSay "The links could not be repaired: " & Err.Description
End Sub

Private Function IsOldPlace(ByVal link As String) As Boolean
    Dim name As String
    name = Mid$(link, InStrRev(Replace(link, "/", "\"), "\") + 1)
    IsOldPlace = LCase$(name) = LCase$(ThisWorkbook.name) And LCase$(link) <> LCase$(ThisWorkbook.FullName)
End Function

' Run a job of the desk on the workbook in front. A job that broke off half-way is not run again by itself.
Public Sub PerpRunJob(ByVal job As String)
    Dim message As String
    If ActiveWorkbook Is Nothing Then
        PerpSay "Open a desk workbook first; New desk opens one."
        Exit Sub
    End If
    On Error GoTo Failed
    Application.StatusBar = TITLE & ": " & job & " ..."
    #If Mac Then
        PerpRunOnMac job
    #Else
        message = PerpCall(BUTTONS, "job", Array(job, ActiveWorkbook), False)
    #End If
    Application.StatusBar = False
    If message <> "" Then PerpSay message
    Exit Sub
Failed:
    Application.StatusBar = False
    PerpSay Err.Description
End Sub

' What Python says to a question of a button; "" where it could not be asked, which has been said.
Private Function PerpAsk(ByVal question As String, ByVal doing As String, Optional ByVal arguments As Variant) As String
    On Error GoTo Failed
    If IsMissing(arguments) Then arguments = Array()
    Application.StatusBar = TITLE & ": " & doing & " ..."
    PerpAsk = PerpCall(BUTTONS, question, arguments)
    Application.StatusBar = False
    Exit Function
Failed:
    Application.StatusBar = False
    PerpSay Err.Description
End Function

' A message box holds no more than about a thousand characters.
Private Sub PerpSay(ByVal message As String)
    MsgBox Left$(message, LONGEST_MESSAGE), vbInformation, TITLE
End Sub
