"""The record. Appends and reads events; never decides anything from them."""
