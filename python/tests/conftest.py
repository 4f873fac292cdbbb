"""Of the tests of the installed package. TV2ONNX_CHECKOUT names the checkout, TV2ONNX_PROGRAM the
program that was built from it."""
import os
import pathlib
import warnings

import numpy as np
import pytest

CHECKOUT = pathlib.Path(os.environ["TV2ONNX_CHECKOUT"])
SHAPES = CHECKOUT / "examples/shapes/fasterrcnn_shapes_half.pth"


@pytest.fixture(scope="session")
def torch():
    module = pytest.importorskip("torch")
    module.set_num_threads(1)
    return module


@pytest.fixture
def shapes(torch):
    """The demo's detector, float32."""
    return torch.load(SHAPES, weights_only=False).float().eval()


@pytest.fixture(scope="session")
def shapes_onnx(tmp_path_factory):
    """Its file."""
    import tv2onnx
    path = tmp_path_factory.mktemp("shapes") / "shapes.onnx"
    tv2onnx.export(SHAPES, path)
    return path


@pytest.fixture(scope="session")
def image():
    """uint8 [150, 200, 3]: a disc and a rectangle on grey."""
    y, x = np.mgrid[0:150, 0:200]
    picture = np.full((150, 200, 3), 128, np.uint8)
    picture[np.hypot(x - 60, y - 70) < 30] = 255, 40, 40
    picture[(abs(x - 140) < 30) & (abs(y - 80) < 25)] = 40, 60, 255
    return picture


@pytest.fixture(autouse=True)
def warnings_are_errors():
    """But for those that other packages give."""
    from tv2onnx import NotVerifiedWarning
    with warnings.catch_warnings():
        warnings.simplefilter("error", NotVerifiedWarning)
        yield
