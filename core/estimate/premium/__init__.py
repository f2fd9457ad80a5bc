"""Premium: what a contract should earn for its risk, and what it charges for it."""
