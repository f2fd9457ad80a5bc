Attribute VB_Name = "PerpBridge"
Option Explicit
Option Private Module

' What stands between a formula and Python: cells go out as bare values, figures come back, and errors are errors.

Public Const PERP_UDFS As String = "xladdin.hosts.excel.udfs"

Private Const BAD_ARGUMENT As Long = vbObjectError + 1003
Private Const REASON_FUNCTION As String = "PERP_WHY"

' What the cell shows that asks for a sheet function; nothing is computed while the function wizard is open.
Public Function PerpAnswer(ByVal name As String, ParamArray cells() As Variant) As Variant
    Dim where As String
    Dim given As Variant
    If PerpInWizard() Then Exit Function
    where = PerpWhere()
    given = cells
    If name = REASON_FUNCTION Then
        PerpAnswer = PerpWhy(where, given)
        Exit Function
    End If
    On Error GoTo Failed
    PerpAnswer = PerpShown(PerpCall(PERP_UDFS, "answer", PerpSent(where, name, given)))
    PerpForgetReason where
    Exit Function
Failed:
    PerpKeepReason where, Err.Description
    PerpAnswer = CVErr(xlErrValue)
End Function

' The reason of a cell: the one kept here, where the question never came to Python; else the one that Python knows.
Private Function PerpWhy(ByVal where As String, ByVal given As Variant) As Variant
    Dim reason As String
    On Error GoTo Failed
    reason = PerpReason(CStr(given(0)))
    If reason = "" Then
        PerpWhy = PerpCall(PERP_UDFS, "answer", PerpSent(where, REASON_FUNCTION, given))
    Else
        PerpWhy = reason
    End If
    Exit Function
Failed:
    PerpWhy = Err.Description
End Function

' The calling cell, the function and its arguments, in one row for Python.
Public Function PerpSent(ByVal where As String, ByVal name As String, ByVal given As Variant) As Variant
    Dim sent() As Variant
    Dim lastRow As Long
    Dim lastColumn As Long
    Dim i As Long
    FindLastUsed given, lastRow, lastColumn
    ReDim sent(0 To UBound(given) + 2)
    sent(0) = where
    sent(1) = name
    For i = 0 To UBound(given)
        If IsObject(given(i)) Then
            sent(i + 2) = ValuesOf(given(i), lastRow, lastColumn)
        Else
            sent(i + 2) = given(i)
        End If
    Next i
    PerpSent = sent
End Function

' The last row and column in use on the sheets of all arguments: whole columns end there, all of them alike.
Private Sub FindLastUsed(ByVal given As Variant, ByRef lastRow As Long, ByRef lastColumn As Long)
    Dim used As Object
    Dim i As Long
    lastRow = 1
    lastColumn = 1
    For i = 0 To UBound(given)
        If IsObject(given(i)) Then
            Set used = given(i).Worksheet.UsedRange
            If used.Row + used.Rows.Count - 1 > lastRow Then lastRow = used.Row + used.Rows.Count - 1
            If used.Column + used.Columns.Count - 1 > lastColumn Then lastColumn = used.Column + used.Columns.Count - 1
        End If
    Next i
End Sub

' The bare values of a block; one that runs to the end of its sheet ends with the last row or column in use.
Private Function ValuesOf(ByVal block As Object, ByVal lastRow As Long, ByVal lastColumn As Long) As Variant
    Dim rowCount As Long
    Dim columnCount As Long
    If block.Areas.Count > 1 Then
        Err.Raise BAD_ARGUMENT, "PerpDesk", "an argument is " & block.Areas.Count & " blocks of cells; select one block"
    End If
    rowCount = Kept(block.Row, block.Rows.Count, block.Worksheet.Rows.Count, lastRow)
    columnCount = Kept(block.Column, block.Columns.Count, block.Worksheet.Columns.Count, lastColumn)
    If rowCount = block.Rows.Count And columnCount = block.Columns.Count Then
        ValuesOf = block.Value2
    Else
        ValuesOf = block.Resize(rowCount, columnCount).Value2
    End If
End Function

Private Function Kept(ByVal first As Long, ByVal count As Long, ByVal ofSheet As Long, ByVal last As Long) As Long
    Kept = count
    If first + count - 1 < ofSheet Then Exit Function
    Kept = last - first + 1
    If Kept < 1 Then Kept = 1
End Function

' What Python gives back, with texts that name an error turned into that error: one figure, a row, or a block.
Public Function PerpShown(ByVal found As Variant) As Variant
    Dim i As Long
    Dim j As Long
    Select Case Dimensions(found)
        Case 0
            found = OrError(found)
        Case 1
            For i = LBound(found) To UBound(found)
                found(i) = OrError(found(i))
            Next i
        Case Else
            For i = LBound(found, 1) To UBound(found, 1)
                For j = LBound(found, 2) To UBound(found, 2)
                    found(i, j) = OrError(found(i, j))
                Next j
            Next i
    End Select
    PerpShown = found
End Function

Private Function Dimensions(ByVal found As Variant) As Long
    If Not IsArray(found) Then Exit Function
    On Error GoTo NoMore
    Do While UBound(found, Dimensions + 1) >= 0
        Dimensions = Dimensions + 1
    Loop
NoMore:
End Function

Private Function OrError(ByVal figure As Variant) As Variant
    OrError = figure
    If VarType(figure) <> vbString Then Exit Function
    If Left$(figure, 1) <> "#" Then Exit Function
    Select Case figure
        Case "#NULL!": OrError = CVErr(xlErrNull)
        Case "#DIV/0!": OrError = CVErr(xlErrDiv0)
        Case "#VALUE!": OrError = CVErr(xlErrValue)
        Case "#REF!": OrError = CVErr(xlErrRef)
        Case "#NAME?": OrError = CVErr(xlErrName)
        Case "#NUM!": OrError = CVErr(xlErrNum)
        Case "#N/A": OrError = CVErr(xlErrNA)
    End Select
End Function

' The cell that asks, with its sheet and workbook; nothing where no cell does.
Private Function PerpWhere() As String
    If TypeName(Application.Caller) <> "Range" Then Exit Function
    PerpWhere = Application.Caller.Cells(1, 1).Address(External:=True)
End Function

' Excel switches its own first button off while the function wizard is open.
Private Function PerpInWizard() As Boolean
    On Error Resume Next
    PerpInWizard = Not Application.CommandBars("Standard").Controls(1).Enabled
End Function
