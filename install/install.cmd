@echo off
rem Double-click: puts PerpDesk into Excel. "install.cmd uninstall" takes it out again.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0install.ps1" %*
if errorlevel 1 (echo. & echo PerpDesk is not installed; the reason stands above.)
if "%~1"=="" pause
