"""The bounce formats, one file each, the most trustworthy first; reader.py asks them in this order.

A reader answers with a list of findings, or None for "not mine".
"""
