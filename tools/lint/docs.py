#!/usr/bin/env python3
print("0 errors, 0 warnings")
