"""How an argument is called in VBA, whose grammar keeps some words of trading for itself: `close` is `close_` there."""

from __future__ import annotations

__all__ = ["vba_name"]

RESERVED = """
    abs addressof and any array as boolean byref byte byval call case cbool cbyte ccur cdate cdbl cdec cdecl cint circle
    class clng clnglng clngptr close const csng cstr currency cvar cverr date debug decimal declare defbool defbyte
    defcur defdate defdbl defdec defint deflng deflnglng deflngptr defobj defsng defstr defvar dim do doevents double
    each else elseif empty end endif enum eqv erase event exit false fix for friend function get global gosub goto if
    imp implements in input inputb int integer is lbound len lenb let like linecontinue linefeed lock long longlong
    longptr loop lset me mod new next not nothing null on open option optional or paramarray preserve print private pset
    public put raiseevent redim rem resume return rset scale seek select set sgn shared single spc static step stop
    string sub tab then to true type typeof ubound unlock until variant wend while with withevents write xor
"""
"""The reserved identifiers of the language (MS-VBAL 3.3.5.2)."""

TAKEN = {*RESERVED.split(), "caller"}
"""Those, and the one that xlwings would fill in itself."""


def vba_name(argument: str) -> str:
    """The name of an argument in VBA, which is its own wherever that may be."""
    return f"{argument}_" if argument.lower() in TAKEN else argument
