#!/usr/bin/env node
// There before the package is built, so that an installation in the workspace can link it.
import '../dist/main.js'
