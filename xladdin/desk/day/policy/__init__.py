"""The policy of the desk: the one that Settings name, when it trades, which limits it keeps."""
