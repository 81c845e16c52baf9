"""What the benchmarks share: the CPU and memory of processes, and waiting until a server answers."""
import os
import re
import subprocess
import sys
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")) + "/release"
TICK = os.sysconf("SC_CLK_TCK")


def stat(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()


def family(root):
    """A process and its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents[int(entry)] = int(stat(entry)[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
    found, grown = {root}, True
    while grown:
        new = {pid for pid, parent in parents.items() if parent in found} - found
        grown = bool(new)
        found |= new
    return found


def cpu(roots):
    """Seconds of CPU that these processes and their descendants have used, those that ended included."""
    total = 0
    for root in roots:
        for pid in family(root):
            try:
                total += sum(int(field) for field in stat(pid)[11:15])
            except (FileNotFoundError, ProcessLookupError):
                pass
    return total / TICK


def resident(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) // 1024


def get(path, port, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    return urllib.request.urlopen(request, timeout=30)


def wait(path, port):
    began = time.monotonic()
    while time.monotonic() - began < 60:
        try:
            with get(path, port):
                return time.monotonic() - began
        except OSError:
            time.sleep(0.002)
    sys.exit(f"nothing answers at port {port}")


def start(command, core="0", **env):
    """A command on a core of its own."""
    return subprocess.Popen(["taskset", "-c", core, *command], env={**os.environ, **env}, start_new_session=True)


def stop(processes):
    for process in reversed(processes):
        if process.poll() is None:
            process.terminate()
            process.wait()


def build(*examples):
    for what in (["--bin", "xabar"], *(["--example", name] for name in examples)):
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", *what], cwd=ROOT, check=True)


def xabar(*arguments, **env):
    """What a command prints."""
    done = subprocess.run([f"{TARGET}/xabar", *arguments], env={**os.environ, **env}, check=True, capture_output=True, text=True)
    return done.stdout
