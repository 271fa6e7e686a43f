"""What books, exchanges and other programs print, and the call of ours that must give the same.

Each example carries its inputs, so that its figures are computed anew wherever they are shown.
"""
