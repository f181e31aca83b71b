import subprocess
import sys


def test_the_server_imports_nothing_that_only_training_needs() -> None:
    code = (
        "import sys, serving.app, serving.cli, serving.process, torwart.cli, torwart.detector; "
        "print([name for name in ('pandas', 'sklearn', 'mlflow', 'joblib', 'pyarrow', 'matplotlib', 'training') "
        "if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
