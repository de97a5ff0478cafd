"""Running a process and watching it: health, metrics, HTTP."""
