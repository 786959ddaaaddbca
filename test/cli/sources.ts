/**
 * Files that tests give the command.
 *
 * @module
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { exampleNames, exampleUri } from "../examples.ts"
import { root } from "./authflow.ts"

export const examples = exampleNames.map(exampleUri)

/** Without any problem. */
export const good = readFileSync(join(root, "examples/external-oidc.authflow"), "utf8")

/** With one error: a field that does not exist, near one that does. */
export const misspelt = good.replace("region  =", "regiom  =")

/** With a parameter that has neither default nor value. */
export const parameterized = good.replace(`param account: aws.account = "123456789012"`, "param account: aws.account")
