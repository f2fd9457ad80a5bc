"""What LibreOffice's own Python runs: nothing but its standard library, and nothing of PerpDesk outside this folder.

The extension carries this folder as the package `perpdesk_calc`; the worker has the same files under its own name.
"""

__all__: list[str] = []
