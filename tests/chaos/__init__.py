"""The pipeline under fire: real senders, beats, servers and a mail server, all killed, stopped and cut off."""
