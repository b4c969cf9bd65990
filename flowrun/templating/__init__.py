"""The expression language of `${{ }}`, and jinja2's only door.

Plain data in, plain JSON out; what a robot returned is never a template.
"""
