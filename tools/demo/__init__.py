"""The first hour in a minute: the real commands, one after the other, and a page that ties them together.

    make demo
    python -m tools.demo --out DIR

Every command is run as it is shown, at the root of the project; nothing that it prints is put in by hand.
"""
