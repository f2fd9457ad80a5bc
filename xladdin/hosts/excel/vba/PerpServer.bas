Attribute VB_Name = "PerpServer"
Option Explicit
Option Private Module

' The one connection of this Excel to the process that answers, for all workbooks.
' Windows starts that process when it is first asked for, and starts it anew should it ever die.

Private Const PROGRAM As String = "PerpDesk.Server"
Private Const NOT_STARTED As Long = vbObjectError + 1001
Private Const SECONDS_OF_PATIENCE As Long = 30

Private Const OBJECT_IS_GONE As Long = 462
Private Const CALL_BROKE_OFF As Long = &H800706BE
Private Const NOBODY_THERE As Long = &H800706BA

Private connection As Object
Private failure As String
Private failedAt As Date

' What a function of a Python module gives back. Where the process has died, it is started and asked once more;
' what must not be done twice is asked once more only if the first question never arrived.
Public Function PerpCall(ByVal module As String, ByVal name As String, ByVal arguments As Variant, _
                         Optional ByVal twice As Boolean = True) As Variant
    Dim number As Long
    Dim description As String
    On Error GoTo Failed
    PerpCall = PerpConnection().CallUDF(module, name, arguments)
    Exit Function
Failed:
    number = Err.Number
    description = Err.Description
    Resume Judge
Judge:
    On Error GoTo 0
    If IsGone(number) Then Set connection = Nothing
    If Not IsGone(number) Or (number = CALL_BROKE_OFF And Not twice) Then
        Err.Raise number, "PerpDesk", description
    End If
    PerpCall = PerpConnection().CallUDF(module, name, arguments)
End Function

' The process to ask. Whoever asks while it cannot be started has the reason at once, and need not wait for it again.
Public Function PerpConnection() As Object
    If connection Is Nothing Then
        If failure <> "" And Now < failedAt + TimeSerial(0, 0, SECONDS_OF_PATIENCE) Then
            Err.Raise NOT_STARTED, "PerpDesk", failure
        End If
        Set connection = Started()
    End If
    Set PerpConnection = connection
End Function

' Forget what went wrong, so that the next question tries again at once.
Public Sub PerpReconnect()
    Set connection = Nothing
    failure = ""
End Sub

' Take a connection that is there already.
Public Sub PerpConnect(ByVal server As Object)
    Set connection = server
    failure = ""
End Sub

Private Function Started() As Object
    Dim byName As String
    Dim server As Object
    On Error GoTo NotByName
    Set server = CreateObject(PROGRAM)
    failure = ""
    Set Started = server
    Exit Function
NotByName:
    byName = Err.Description
    Resume ByLibrary
ByLibrary:
    On Error GoTo NotByLibrary
    Set server = PerpStartByLibrary()
    failure = ""
    Set Started = server
    Exit Function
NotByLibrary:
    failure = "PerpDesk's Python does not start (" & byName & "; " & Err.Description & "). " & _
              "Close Excel, run install.cmd again, or ask `perpdesk doctor` what is wrong."
    failedAt = Now
    Resume Refuse
Refuse:
    On Error GoTo 0
    Err.Raise NOT_STARTED, "PerpDesk", failure
End Function

Private Function IsGone(ByVal number As Long) As Boolean
    IsGone = (number = OBJECT_IS_GONE) Or (number = CALL_BROKE_OFF) Or (number = NOBODY_THERE)
End Function
