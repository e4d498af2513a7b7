"""A small chat drawn with assistant-ui, for tests: its agent asks the scripted model, and its tools
are those of the model's own server."""

import os

import httpx
from agent_chat_minimal import create_app
from agent_chat_minimal.demo_agent.agent_factory import make_tool_agent
from langchain_core.tools import tool

MODEL = os.environ["SHIM_MODEL"]


def carry_out(name, **args):
    reply = httpx.post(f"{MODEL}/tool/{name}", json=args, timeout=None)
    return f"Error: {reply.text}" if reply.is_error else reply.json()


@tool
def get_weather(city: str) -> str:
    """Says how the weather is in a city."""
    return carry_out("get_weather", city=city)


@tool
def search_docs(query: str) -> str:
    """Searches the documents."""
    return carry_out("search_docs", query=query)


@tool
def broken_tool(reason: str) -> str:
    """Always fails."""
    return carry_out("broken_tool", reason=reason)


def make_agent(model="openai:shim-scripted", checkpointer=None):
    return make_tool_agent(
        model, [get_weather, search_docs, broken_tool], None, checkpointer=checkpointer
    )


app = create_app(agents={"lab": make_agent}, default_agent="lab")
