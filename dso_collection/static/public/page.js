/* What makes the customer's page easier where scripts run; it is whole without. */
"use strict";

(() => {
    const boxes = [...document.querySelectorAll(".dso-items .dso-tick input")];
    if (!boxes.length) {
        return;
    }
    const shown = document.querySelectorAll("[data-dso-ticked]");

    // how many are chosen, and what they come to, beside the buttons that use them
    const tell = () => {
        const chosen = boxes.filter((box) => box.checked);
        const sums = new Map();
        for (const box of chosen) {
            const {currency, amount} = box.dataset;
            sums.set(currency, (sums.get(currency) || 0) + Number(amount));
        }
        const lang = document.documentElement.lang || undefined;
        const words = [...sums].map(([currency, amount]) =>
            new Intl.NumberFormat(lang, {style: "currency", currency}).format(amount)
        );
        for (const place of shown) {
            place.textContent = chosen.length
                ? `${chosen.length}: ${words.join(" + ")}`
                : "";
        }
    };

    // one box for all that are listed
    const head = document.querySelector(".dso-items thead .dso-tick");
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", head.textContent.trim());
    all.addEventListener("change", () => {
        for (const box of boxes) {
            box.checked = all.checked;
        }
        tell();
    });
    head.append(all);
    for (const box of boxes) {
        box.addEventListener("change", () => {
            all.checked = boxes.every((one) => one.checked);
            tell();
        });
    }
    tell();
})();
