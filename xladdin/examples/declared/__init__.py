"""The examples themselves, one file a category, in the order of the contract; deliberate slips stand last."""
