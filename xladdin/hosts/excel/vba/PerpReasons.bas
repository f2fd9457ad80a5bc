Attribute VB_Name = "PerpReasons"
Option Explicit
Option Private Module

' Why a cell shows #VALUE! although its question never came to Python, kept for each cell; and how cells are called.

Private reasons As Collection

Public Sub PerpKeepReason(ByVal where As String, ByVal reason As String)
    PerpForgetReason where
    reasons.Add reason, where
End Sub

Public Sub PerpForgetReason(ByVal where As String)
    If reasons Is Nothing Then Set reasons = New Collection
    On Error Resume Next
    reasons.Remove where
End Sub

Public Function PerpReason(ByVal where As String) As String
    If reasons Is Nothing Then Exit Function
    On Error Resume Next
    PerpReason = reasons.Item(where)
End Function

' The address of a cell, with its sheet and workbook; an address that somebody typed is one on the asking cell's sheet.
Public Function PerpAddress(Optional ByVal cell As Variant) As Variant
    PerpAddress = ""
    If IsMissing(cell) Then Exit Function
    If IsObject(cell) Then
        PerpAddress = PerpFormulaCell(cell).Address(External:=True)
        Exit Function
    End If
    PerpAddress = cell
    On Error Resume Next
    PerpAddress = Application.Caller.Worksheet.Range(cell).Cells(1, 1).Address(External:=True)
End Function

' Of a block that one formula fills, the cell that holds the formula. (An older Excel knows no spilled blocks.)
Public Function PerpFormulaCell(ByVal cell As Object) As Object
    Dim origin As Object
    Set PerpFormulaCell = cell.Cells(1, 1)
    On Error Resume Next
    Set origin = PerpFormulaCell.SpillParent
    If PerpFormulaCell.HasArray Then Set origin = PerpFormulaCell.CurrentArray.Cells(1, 1)
    If Not origin Is Nothing Then Set PerpFormulaCell = origin
End Function
