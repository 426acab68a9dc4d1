"""Where people and systems meet us: parse, call one operation, render."""
