"""Beta: how much a contract moves when the market, or a factor, moves by one."""
