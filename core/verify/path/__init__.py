"""An account on its way: over one straight move, or bar by bar."""
