#!/bin/sh
# Puts PerpDesk into LibreOffice on Linux and macOS. "install.sh uninstall" takes it out; "status" and "doctor" look.
# It stays where it was unpacked: move the folder, and run this again.
cd "$(dirname "$0")/.." || exit 1
for python in python3.13 python3.12 python3.11 python3 /Library/Frameworks/Python.framework/Versions/3.*/bin/python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" install/bootstrap.py calc "${@:-install}"
    fi
done
echo "PerpDesk needs Python 3.11 or newer; install one with your package manager or from python.org and run this again"
exit 1
