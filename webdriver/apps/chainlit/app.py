"""A small chat made with Chainlit, for tests: it asks the scripted model and carries out its calls.

Errors are shown the way Chainlit's own examples do it: as a message.
"""

import asyncio
import json
import os

import chainlit as cl
import httpx
from openai import AsyncOpenAI

MODEL = os.environ["SHIM_MODEL"]
# Tried once: a test counts requests.
client = AsyncOpenAI(base_url=f"{MODEL}/v1", api_key="none", max_retries=0)


def tools():
    paths = httpx.get(f"{MODEL}/openapi.json").json()["paths"].values()
    for path in paths:
        operation = path["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        function = {
            "name": operation["operationId"],
            "description": operation["summary"],
            "parameters": schema,
        }
        yield {"type": "function", "function": function}


TOOLS = list(tools())


async def carry_out(call):
    async with cl.Step(name=call["name"], type="tool", show_input="json") as step:
        args = json.loads(call["arguments"])
        step.input = args
        async with httpx.AsyncClient(timeout=None) as http:
            reply = await http.post(f"{MODEL}/tool/{call['name']}", json=args)
        step.is_error = reply.is_error
        step.output = reply.text if reply.is_error else reply.json()
        return step.output


async def answer(history):
    """Streams one answer into a message of its own; returns its text and its calls."""
    message, text, calls = cl.Message(content=""), "", {}
    stream = await client.chat.completions.create(
        model="shim-scripted", messages=history, stream=True, tools=TOOLS
    )
    async for chunk in stream:
        delta = chunk.choices[0].delta
        if delta.content:
            text += delta.content
            await message.stream_token(delta.content)
        for part in delta.tool_calls or []:
            call = calls.setdefault(part.index, {"id": "", "name": "", "arguments": ""})
            call["id"] = part.id or call["id"]
            call["name"] = part.function.name or call["name"]
            call["arguments"] += part.function.arguments or ""
    if text:
        await message.send()
    return text, list(calls.values())


@cl.on_chat_start
async def start():
    cl.user_session.set("history", [])


@cl.on_message
async def on_message(said: cl.Message):
    history = cl.user_session.get("history")
    history.append({"role": "user", "content": said.content})
    try:
        while True:
            text, calls = await answer(history)
            turn = {"role": "assistant", "content": text}
            if not calls:
                history.append(turn)
                return
            function = lambda call: {"name": call["name"], "arguments": call["arguments"]}
            turn["tool_calls"] = [
                {"id": call["id"], "type": "function", "function": function(call)} for call in calls
            ]
            history.append(turn)
            results = await asyncio.gather(*(carry_out(call) for call in calls))
            for call, result in zip(calls, results):
                history.append({"role": "tool", "tool_call_id": call["id"], "content": str(result)})
    except Exception as error:
        await cl.ErrorMessage(content=f"{type(error).__name__}: {error}").send()
