"""moto's KMS on a free port, which is the first line that it writes. It ends when its standard input does.

The same first argument gives the same keys in the same order, so that a server that is started again has the keys of
the one before it. Where moto answers a key's id, KMS answers its ARN; so does this.
"""

import os
import random
import sys
import threading

from moto.kms import models
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server


class Silent(MotoRequestHandler):
    """Writes no line for each call."""

    def log(self, *_):
        pass


def with_arns(generate_mac):
    """`GenerateMac` naming the key as KMS does."""

    def named(backend, *given, **named_given):
        mac, algorithm, key_id = generate_mac(backend, *given, **named_given)
        return mac, algorithm, backend.keys[key_id].arn

    return named


def end_with_input():
    """Whoever holds the other end of the pipe may die in any way: the kernel closes it."""
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    threading.Thread(target=end_with_input, daemon=True).start()
    mock_random.seed(sys.argv[1])
    material = random.Random(sys.argv[1])
    models.generate_master_key = lambda: material.randbytes(32)
    models.KmsBackend.generate_mac = with_arns(models.KmsBackend.generate_mac)
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    print(server.server_port, flush=True)
    server.serve_forever()


main()
