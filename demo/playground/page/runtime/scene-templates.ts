/** Lets `@grafana/scenes` replace the variables in strings of the dashboard, and the macros in data links. */
import { type ScopedVars } from '@grafana/data';
import { MultiValueVariable, sceneGraph, type SceneObject, SceneObjectBase } from '@grafana/scenes';
import { type SceneTemplates } from './template-srv';

type Format = Parameters<typeof sceneGraph.interpolate>[3];

/** Data links need the macros of @grafana/scenes, such as `${__value.raw}`, but no variables of a scene. */
const NO_SCENE = new (class extends SceneObjectBase {})({});

function sceneOf({ __sceneObject, __dataContext }: ScopedVars): SceneObject | undefined {
  const scene: unknown = __sceneObject?.value?.valueOf();
  if (scene instanceof SceneObjectBase) {
    return scene;
  }
  return __dataContext ? NO_SCENE : undefined;
}

export class DashboardTemplates implements SceneTemplates {
  #scene: SceneObject | undefined;

  /** Sets the dashboard on the screen. The variables of the dashboard then replace those of the Variables page. */
  show(scene: SceneObject | undefined): void {
    this.#scene = scene;
  }

  replace(template: string, scopedVars: ScopedVars, format?: string | Function): string | undefined {
    const scene = sceneOf(scopedVars);
    return scene && sceneGraph.interpolate(scene, template, scopedVars, format as Format);
  }

  variables(): ReturnType<SceneTemplates['variables']> {
    return (
      this.#scene &&
      sceneGraph.getVariables(this.#scene).state.variables.map((variable) => ({
        name: variable.state.name,
        multi: variable instanceof MultiValueVariable && variable.state.isMulti === true,
        includeAll: variable instanceof MultiValueVariable && variable.state.includeAll === true,
      }))
    );
  }
}
