#!/bin/sh
# Double-click on macOS: puts PerpDesk into Excel. "install.command uninstall" takes it out again.
cd "$(dirname "$0")" || exit 1
for python in python3.13 python3.12 python3.11 python3 /Library/Frameworks/Python.framework/Versions/3.*/bin/python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" excel.py "${@:-install}"
    fi
done
echo "PerpDesk needs Python 3.11 or newer; install one from python.org and double-click this again"
exit 1
