/**
 * `secret("name", key: "key")` as a SecretKeyRef. Never a value.
 *
 * @module
 */
import type { SecretRef } from "../../catalogue/secret.ts"
import { field, type Mapping, mapping } from "./manifest.ts"

export const secretRef = ({ name, key }: SecretRef): Mapping => mapping(field("name", name), field("key", key))
