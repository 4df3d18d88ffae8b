"""What things cost: programs that are measured, and programs that measure them.

`make bench` runs it; `make test` only tries that it works. kinds.py says which servers there are,
echo.py runs one; loads.py is what they are put through, cpu.py how that is read, figures.py what is
made of it. micro.py runs all that needs no sockets. axes.py lists what is measured, aims.py what
has to come out.
"""
