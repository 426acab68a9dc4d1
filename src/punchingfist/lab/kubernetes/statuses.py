"""The refusals of a Kubernetes API, each with the `Status` body that clients parse."""

from punchingfist.lab.kubernetes.objects import Manifest


class ApiError(Exception):
    """An answer that is not the one asked for, as the `Status` kind describes it."""

    def __init__(self, code: int, reason: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, details

    def body(self) -> Manifest:
        """Return the `Status` object."""
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "details": self.details,
            "code": self.code,
        }


def bad_request(message: str) -> ApiError:
    """The request makes no sense."""
    return ApiError(400, "BadRequest", message)


def no_such_path() -> ApiError:
    """Nothing is served at this path."""
    return ApiError(404, "NotFound", "the server could not find the requested resource")


def not_found(qualified: str, name: str) -> ApiError:
    """There is no *name* among the *qualified* resource, `deployments.apps` for one."""
    plural, _, group = qualified.partition(".")
    return ApiError(
        404, "NotFound", f'{qualified} "{name}" not found', name=name, group=group, kind=plural
    )


def already_exists(qualified: str, name: str) -> ApiError:
    """A create met an object of that name."""
    return ApiError(409, "AlreadyExists", f'{qualified} "{name}" already exists', name=name)


def stale(qualified: str, name: str) -> ApiError:
    """A write was based on an old resourceVersion."""
    why = (
        "the object has been modified; "
        "please apply your changes to the latest version and try again"
    )
    message = f'Operation cannot be fulfilled on {qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, name=name)


def invalid(message: str) -> ApiError:
    """The object breaks a rule of its kind."""
    return ApiError(422, "Invalid", message)


def too_old(version: int, oldest: int) -> ApiError:
    """A watch or a list wants to continue from a version that is forgotten."""
    return ApiError(410, "Expired", f"too old resource version: {version} ({oldest})")


def too_new(version: int, current: int) -> ApiError:
    """A watch wants to continue from a version that does not exist yet."""
    return ApiError(
        504, "Timeout", f"Timeout: Too large resource version: {version}, current: {current}"
    )
