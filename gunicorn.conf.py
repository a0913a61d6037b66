"""How gunicorn serves the application: it reads this file by itself; its own options win."""

import os
from typing import Any

wsgi_app = "app:create_app()"
bind = "127.0.0.1:5000"

# Threads, because a worker mostly waits: for uploads to arrive and for the encoder.
worker_class = "gthread"
workers = 2
threads = 8

# A worker answers several visitors at once. Threads of BLAS for one small product would wait for
# each other, and spin, while those need the cores; a scan of all features is no quicker by them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A worker that is told to stop finishes its searches first.
graceful_timeout = 30
timeout = 60

# Everything that is written lies in the instance's folder; this socket would not.
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Get the worker ready after its fork: networks' runtimes do not survive one."""
    from app.health import warm_up

    warm_up(worker.wsgi)
