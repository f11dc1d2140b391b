"""
The ledger: what was meant to happen, what was sent, what came back.

A batch writes every unit of work down before the first byte of it leaves, and its outcome afterwards. So whoever goes
on, in the same program or in another one, on this computer or elsewhere, knows what may have happened.

* `tables` says what is kept;
* `opening` has the connection, with the thread that performs acts on it and shares waits for the disk among them;
* `units`, `batches`, `hits` and `submissions` are the acts;
* `holders` and `processes` tell who is at work, and when a lease is void.

Nothing here talks to the service.
"""
