# The Makefile's first targets for Windows PowerShell 5.1 or newer. Keep this file ASCII.
#
#   powershell -ExecutionPolicy Bypass -File make.ps1 demo
#   powershell -ExecutionPolicy Bypass -File make.ps1 test
param(
    [Parameter(Position = 0)]
    [ValidateSet("demo", "test")]
    [string]$Target = "demo"
)

Set-StrictMode -Version Latest
$ErrorActionPreference = "Stop"
Set-Location -LiteralPath $PSScriptRoot

$Venv = Join-Path $PSScriptRoot ".venv"
$Scripts = Join-Path $Venv "Scripts"
$Python = Join-Path $Scripts "python.exe"

# Run a program and stop with its exit status when that is not 0.
function Invoke-Program {
    param([string]$Program, [string[]]$Arguments)
    Write-Host "$Program $Arguments"
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

# Find a Python that is new enough (tomllib came with 3.11): the launcher's, or one on the path.
function Find-Python {
    # Windows PowerShell would stop at what a missing version says on standard error.
    $ErrorActionPreference = "Continue"
    $candidates = @(@("py", "-3.11"), @("py", "-3"), @("python"), @("python3"))
    foreach ($candidate in $candidates) {
        $program = $candidate[0]
        $rest = @($candidate | Select-Object -Skip 1)
        if (-not (Get-Command $program -ErrorAction SilentlyContinue)) { continue }
        & $program @rest -c "import tomllib" *> $null
        if ($LASTEXITCODE -eq 0) { return @{ Program = $program; Arguments = $rest } }
    }
    Write-Host "Python 3.11 or newer was not found: install it from python.org, then run this again."
    exit 1
}

# Install the package with what the target needs, again whenever setup.cfg or pyproject.toml changed.
function Install-Package {
    param([string]$Stamp, [string]$Package)
    if (-not (Test-Path -LiteralPath $Python)) {
        $found = Find-Python
        Invoke-Program $found.Program ($found.Arguments + @("-m", "venv", $Venv))
    }
    $path = Join-Path $Venv $Stamp
    if (Test-Path -LiteralPath $path) {
        $made = (Get-Item -LiteralPath $path).LastWriteTimeUtc
        $changed = Get-Item -Path "setup.cfg", "pyproject.toml" |
            Where-Object { $_.LastWriteTimeUtc -gt $made }
        if (-not $changed) { return }
    }
    Invoke-Program $Python @(
        "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", $Package
    )
    Set-Content -LiteralPath $path -Value "" -Encoding ASCII
}

switch ($Target) {
    "demo" {
        Install-Package "run.stamp" "."
        Invoke-Program (Join-Path $Scripts "consolidator.exe") @("demo")
    }
    "test" {
        Install-Package "test.stamp" ".[test]"
        Invoke-Program $Python @("-m", "pytest")
    }
}
