"""`/api/v1/executions`: one run of a workflow, step by step."""

from fastapi import APIRouter

from punchingfist.surfaces.server.api.bodies import PROBLEMS, ExecutionBody, TheApp

ROUTER = APIRouter(prefix="/executions", tags=["executions"], responses=PROBLEMS)


@ROUTER.get("/{execution_id}", summary="Get one execution by id or short id")
async def get_execution(app: TheApp, execution_id: str) -> ExecutionBody:
    return ExecutionBody.model_validate(await app.executions.get(execution_id))
