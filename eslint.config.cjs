const globals = require("globals");

module.exports = [
    {
        languageOptions: {
            ecmaVersion: 2024,
            sourceType: "module",
            globals: {...globals.browser, odoo: "readonly", luxon: "readonly"},
        },
        rules: {
            "array-callback-return": "error",
            "consistent-return": "error",
            curly: "error",
            "default-case": "error",
            "dot-notation": "error",
            eqeqeq: "error",
            "no-alert": "error",
            "no-console": "error",
            "no-debugger": "error",
            "no-dupe-keys": "error",
            "no-else-return": "error",
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-shadow": "error",
            "no-undef": "error",
            "no-unreachable": "error",
            "no-unused-expressions": "error",
            "no-unused-vars": "error",
            "no-use-before-define": "error",
            "no-var": "error",
            "object-shorthand": "error",
            "prefer-const": "error",
            "prefer-template": "error",
            radix: "error",
        },
    },
    {
        files: ["*.cjs"],
        languageOptions: {
            sourceType: "commonjs",
            globals: {require: "readonly", module: "writable"},
        },
    },
];
