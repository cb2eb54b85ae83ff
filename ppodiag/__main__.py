"""`python -m ppodiag`."""

from ppodiag._main import main

main()
