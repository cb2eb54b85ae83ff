"""The gallery: for each line of the note's checklist a configuration that goes ill and one that does not.

    python -m tools.gallery record [ROW…]   trains them and keeps their logs; minutes
    python -m tools.gallery draw            draws docs/pictures/gallery-ROW.svg from those logs; seconds

The configurations in examples/gallery are written by hand. What docs/gallery.md shows is run by
tools/build_docs.py.
"""
