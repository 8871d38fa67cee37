"""The one front door: who calls, what for, within which quota; then bytes pass through."""
