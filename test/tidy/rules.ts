/**
 * Every rule of the house, with the sentence that the test prints.
 */
import { banRule } from "./ban-rules.ts";
import {
  commandRule,
  failpointRule,
  limitRule,
  namedFileRule,
  pageRule,
  roomTableRule,
  scriptRule,
  testFolderRule,
} from "./house-rules.ts";
import { barrelRule, cycleRule, roomRule } from "./import-rules.ts";
import type { Rule } from "./project.ts";
import { headerRule, nameRule, sizeRule } from "./shape-rules.ts";

export const rules: readonly (readonly [sentence: string, rule: Rule])[] = [
  ["a room imports only what the table allows", roomRule],
  ["no file hands on another's exports", barrelRule],
  ["no import goes round in a circle", cycleRule],
  ["a file says what it is in at most 12 lines", headerRule],
  ["files, functions and lines stay within their bars", sizeRule],
  ["a name says what it names", nameRule],
  ["what is banned is not there", banRule],
  ["one command, one file", commandRule],
  ["a failpoint is passed and used", failpointRule],
  ["a limit is held to and reached", limitRule],
  ["a test belongs to a project that runs it", testFolderRule],
  ["a script that a page names exists", scriptRule],
  ["a file that a page names exists", namedFileRule],
  ["the room table is on its page", roomTableRule],
  ["pages name no machine and no registry", pageRule],
];
