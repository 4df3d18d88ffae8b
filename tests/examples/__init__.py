"""The programs of docs/examples, each as a process, talked to by programs of others."""
