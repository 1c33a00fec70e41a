import {Domain} from "@web/core/domain";
import {user} from "@web/core/user";
import {SearchModel} from "@web/search/search_model";
import {debounce} from "@web/core/utils/timing";

/** Setting of the user (res.users.settings) that remembers his filters. */
export const SETTING = "dso_agenda";
/** Tabs whose filters are those of planned actions: what the counters follow. */
const PLANNED_TABS = ["agenda", "manual", "automatic"];
/** Tabs that share their filters. */
const SHARED_TABS = [...PLANNED_TABS, "history"];
/** Defaults that say whose actions are shown: given up by a user once and for all. */
const WHOSE = ["mine", "my_follow_ups"];

const saveSetting = debounce((value) => {
    user.setUserSettings(SETTING, value);
}, 400);

/** What the user remembers: facets by name, tabs visited, names of planned actions. */
export function remembered() {
    const value = user.settings?.[SETTING];
    return {
        facets: [],
        tabs: [],
        names: [],
        ...(value && typeof value === "object" ? value : {}),
    };
}

/** Search of the agenda: its filters are the same on each tab and in each session.
 *
 *  A facet is remembered by its name, a filter of the user's own by its domain; each tab
 *  takes what its search knows and leaves the rest as it is. */
export class AgendaSearchModel extends SearchModel {
    get agendaTab() {
        return this.globalContext.dso_agenda_tab;
    }

    get sharesFacets() {
        return SHARED_TABS.includes(this.agendaTab);
    }

    async load(config) {
        await super.load(config);
        if (!this.sharesFacets) {
            return;
        }
        if (!config.state && !this.globalContext.dso_agenda_once) {
            this._recallFacets();
        }
        this._noteNames();
        this.addEventListener("update", () => this.rememberFacets());
    }

    /** Forget what is remembered and begin as the tab does for a new user. */
    resetFacets() {
        this.blockNotification = true;
        this.query = [];
        user.settings[SETTING] = {names: remembered().names};
        this._activateDefaultSearchItems(null);
        this.blockNotification = false;
        this._notify();
    }

    /** Remember the facets now shown; others, which this tab does not know, stay. */
    rememberFacets() {
        if (!this.sharesFacets) {
            return;
        }
        const state = remembered();
        const facets = this._facetsToRemember();
        const others = state.facets.filter((facet) => !this._itemOf(facet, false));
        const value = {
            ...state,
            facets: [...facets, ...others],
            tabs: [...new Set([...state.tabs, this.agendaTab])],
            domain: this.plannedDomain,
        };
        if (JSON.stringify(value) !== JSON.stringify(user.settings[SETTING])) {
            user.settings[SETTING] = value;
            saveSetting(value);
        }
    }

    /** Domain of the filters that planned actions know, for the counters; undefined
     *  where the filters are others. */
    get plannedDomain() {
        if (!this.sharesFacets) {
            return undefined;
        }
        const planned = PLANNED_TABS.includes(this.agendaTab);
        const {names} = remembered();
        const domains = this._getGroups().map((group) => {
            const parts = group.activeItems
                .filter(({searchItemId}) => {
                    const item = this.searchItems[searchItemId];
                    return planned || !item.name || names.includes(item.name);
                })
                .map((item) => this._getSearchItemDomain(item))
                .filter(Boolean);
            return Domain.or(parts);
        });
        return Domain.and(domains).toList(this.domainEvalContext);
    }

    _noteNames() {
        if (!PLANNED_TABS.includes(this.agendaTab)) {
            return;
        }
        const names = Object.values(this.searchItems)
            .map((item) => item.name)
            .filter(Boolean);
        const state = remembered();
        if (JSON.stringify(state.names) !== JSON.stringify(names)) {
            user.settings[SETTING] = {...state, names};
        }
    }

    _facetsToRemember() {
        const facets = [];
        for (const queryItem of this.query) {
            const item = this.searchItems[queryItem.searchItemId];
            if (item.agendaFacet) {
                facets.push(item.agendaFacet);
            } else if (item.type === "favorite") {
                facets.push({
                    favorite: item.serverSideId,
                    label: item.description,
                    domain: item.domain,
                });
            } else if (item.type === "field") {
                facets.push({
                    field: item.fieldName,
                    value: queryItem.autocompleteValue,
                });
            } else if (item.type === "dateFilter") {
                facets.push({name: item.name, option: queryItem.generatorId});
            } else if (item.type === "dateGroupBy" || item.type === "groupBy") {
                facets.push({
                    [item.custom ? "groupBy" : "name"]: item.custom
                        ? item.fieldName
                        : item.name,
                    interval: queryItem.intervalId,
                });
            } else if (item.type === "filter" && item.name) {
                facets.push({name: item.name});
            } else if (item.type === "filter") {
                facets.push({
                    domain: item.domain.toString(),
                    label: item.description,
                    tooltip: item.tooltip,
                });
            }
        }
        return facets;
    }

    /** The item of this search that a remembered facet stands for; filters of the
     *  user's own are made when they are missing.
     *
     *  @param {Object} facet
     *  @param {Boolean} create
     *  @returns {Object|Boolean} undefined when the search does not know it */
    _itemOf(facet, create) {
        const items = Object.values(this.searchItems);
        if (facet.field) {
            return items.find((i) => i.type === "field" && i.fieldName === facet.field);
        }
        if (facet.name) {
            return items.find((i) => i.name === facet.name);
        }
        if (facet.groupBy) {
            return Boolean(this.searchViewFields[facet.groupBy]);
        }
        if (facet.favorite) {
            const favorite = items.find((i) => i.serverSideId === facet.favorite);
            if (favorite) {
                return favorite;
            }
        }
        if (create && facet.domain) {
            this.createNewFilters([
                {
                    description: facet.label,
                    tooltip: facet.tooltip,
                    domain: facet.domain,
                    invisible: "True",
                    agendaFacet: facet,
                },
            ]);
        }
        return true;
    }

    _recallFacets() {
        const state = remembered();
        if (!state.tabs.length) {
            return;
        }
        this.blockNotification = true;
        const visited = state.tabs.includes(this.agendaTab);
        this.query = visited
            ? []
            : this.query.filter(
                  ({searchItemId}) =>
                      !WHOSE.includes(this.searchItems[searchItemId].name)
              );
        for (const facet of state.facets) {
            const before = this.query.length;
            const item = this._itemOf(facet, true);
            if (!item || this.query.length > before) {
                continue;
            }
            if (facet.field) {
                this.addAutoCompletionValues(item.id, facet.value);
            } else if (facet.groupBy) {
                this.createNewGroupBy(facet.groupBy, {interval: facet.interval});
            } else if (item.type === "dateFilter") {
                if (!this.query.some((q) => q.generatorId === facet.option)) {
                    this.toggleDateFilter(item.id, facet.option);
                }
            } else if (item.type === "dateGroupBy") {
                this.toggleDateGroupBy(item.id, facet.interval);
            } else if (!this.query.some((q) => q.searchItemId === item.id)) {
                this.query.push({searchItemId: item.id});
            }
        }
        this.blockNotification = false;
        this._reset();
    }
}
