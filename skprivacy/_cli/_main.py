"""The commands. Heavy imports are inside, so that ``skprivacy --version`` is fast."""

import click

from skprivacy._cli._audit_dp import claim_of, print_audited, write_audited
from skprivacy._cli._compare import print_comparison
from skprivacy._cli._conditions import GRAMMAR, parse_condition
from skprivacy._cli._console import print_leaks, print_result, show_progress
from skprivacy._cli._demo import SEED, make_demo_case, make_folder
from skprivacy._cli._errors import (
    CONDITION_HOLDS,
    BadInput,
    OneLineGroup,
    bad_input_in_one_line,
    interruption_tells_what_is_kept,
    say,
)
from skprivacy._cli._extract import (
    extract_copy,
    load_records,
    open_target,
    tell,
    write_copy,
)
from skprivacy._cli._mlflow import fetch_model_file
from skprivacy._cli._models import load_model
from skprivacy._cli._tables import features_for, load_table, split_label

__all__ = ["main"]

EFFORTS = click.Choice(["fast", "standard", "thorough"])
INPUT_FILE = click.Path(exists=True, dir_okay=False, readable=True)
HELP = {"help_option_names": ["-h", "--help"]}


def effort_option(default):
    """Make the option for the number of shadow models."""
    return click.option(
        "--effort",
        type=EFFORTS,
        default=default,
        show_default=True,
        help="16, 64 or 256 shadow models.",
    )


class NumberOfModels(click.ParamType):
    """An even number of shadow models, or "auto"."""

    name = "number"

    def convert(self, value, param, ctx):
        """Return an int or "auto"."""
        if value == "auto" or isinstance(value, int):
            return value
        if not value.isdecimal() or int(value) < 4 or int(value) % 2:
            self.fail(f"{value!r} is neither 'auto' nor an even number from 4 on.")
        return int(value)


def memory_option(text):
    """Make the option for the folder from which an interrupted run goes on."""
    return click.option("--memory", type=click.Path(file_okay=False), help=text)


def seed_option(text="Seed."):
    """Make the option for the seed."""
    return click.option(
        "--random-state",
        type=click.IntRange(0, 2**32 - 1),
        default=0,
        show_default=True,
        help=text,
    )


n_jobs_option = click.option(
    "--n-jobs", type=int, default=-1, show_default=True, help="Processes; -1 for all."
)


trust_option = click.option(
    "--trust",
    multiple=True,
    metavar="TYPE",
    help="A type that the .skops file may hold. May be repeated.",
)
#: A file, unless :data:`mlflow_option` says where the model is.
model_argument = click.argument("model", type=INPUT_FILE, required=False)
mlflow_option = click.option(
    "--mlflow",
    metavar="URI",
    help="In place of MODEL: a scikit-learn model that MLflow keeps, such as "
    "models:/name/1 (extra: mlflow).",
)
allow_pickle_option = click.option(
    "--allow-pickle", is_flag=True, help="Load a pickle, which runs the code it holds."
)


def _print_version(context, _, asked):
    if asked and not context.resilient_parsing:
        from skprivacy import __version__

        click.echo(f"skprivacy {__version__}")
        context.exit()


@click.group(cls=OneLineGroup, invoke_without_command=True, context_settings=HELP)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and leave.",
)
@click.pass_context
def main(context):
    """Find out what a trained model gives away of its training data."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@main.command()
@click.option(
    "--out",
    default="skprivacy-demo",
    show_default=True,
    type=click.Path(),
    help="Folder for report.html and report.json.",
)
@effort_option("fast")
@n_jobs_option
def demo(out, effort, n_jobs):
    """Audit a random forest on real data: UCI Adult, 4,000 people in, 4,000 out."""
    folder = make_folder(out)
    html, json = folder / "report.html", folder / "report.json"
    _check_paths(("--out", html), ("--out", json))
    click.echo("Training a random forest on 4,000 records of UCI Adult ...", err=True)
    with interruption_tells_what_is_kept(None), bad_input_in_one_line():
        model, *tables = make_demo_case()
        result = _audit(
            model, *tables, effort=effort, n_jobs=n_jobs, memory=None, random_state=SEED
        )
        _deliver(result, html, json)


@main.command()
@model_argument
@mlflow_option
@click.option(
    "--train", required=True, type=INPUT_FILE, help="Training set: CSV or parquet."
)
@click.option(
    "--holdout", required=True, type=INPUT_FILE, help="Records the model never saw."
)
@click.option("--label", required=True, help="Name of the label's column.")
@effort_option("standard")
@click.option("--report", type=click.Path(), help="Write the report to this HTML file.")
@click.option("--json", type=click.Path(), help="Write the figures to this JSON file.")
@click.option(
    "--fail-if",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help=f"Leave with code 3 if this holds of any attack: {GRAMMAR}. May be repeated.",
)
@click.option(
    "--junit",
    type=click.Path(),
    help="Write what --fail-if asks to this file, as build servers read it (JUnit).",
)
@click.option(
    "--black-box",
    is_flag=True,
    help="Attack the model's answers alone, as behind an API, not what its file holds.",
)
@click.option(
    "--groups",
    multiple=True,
    metavar="COLUMN",
    help="Compare the subgroups of this column; the reports name them. May be "
    "repeated.",
)
@click.option(
    "--sensitive",
    multiple=True,
    metavar="COLUMN",
    help="Ask whether this feature can be inferred of the people in the training set. "
    "May be repeated.",
)
@click.option(
    "--property",
    "properties",
    multiple=True,
    metavar="QUERY",
    help="Ask which share of the training set the model says has this property, such "
    "as \"sex == 'Female'\". May be repeated.",
)
@click.option(
    "--extraction-budget",
    type=click.IntRange(40),
    metavar="QUERIES",
    help="Measure what a copy of the model costs, with so many answers at most.",
)
@click.option(
    "--shadow-models",
    type=NumberOfModels(),
    metavar="NUMBER",
    help='Shadow models for attacks on membership, or "auto": until an attack among '
    "themselves has settled. Default: by the effort.",
)
@click.option(
    "--time-budget",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Begin no shadow models that would not end in so many seconds.",
)
@n_jobs_option
@memory_option("Folder that keeps shadow models, so that an interrupted run goes on.")
@seed_option()
@trust_option
@allow_pickle_option
def audit(
    model,
    mlflow,
    train,
    holdout,
    label,
    effort,
    report,
    json,
    conditions,
    junit,
    black_box,
    groups,
    sensitive,
    properties,
    extraction_budget,
    shadow_models,
    time_budget,
    n_jobs,
    memory,
    random_state,
    trust,
    allow_pickle,
):
    """Attack MODEL (a .skops file) and say what it gives away of its training set.

    Exit codes: 0 done, 2 bad input, 3 a --fail-if condition holds, 130 interrupted.
    """
    with bad_input_in_one_line():
        conditions = [parse_condition(text) for text in conditions]
        if junit is not None and not conditions:
            raise BadInput("--junit writes what --fail-if asks, and there is none.")
    _check_paths(("--report", report), ("--json", json), ("--junit", junit))
    with interruption_tells_what_is_kept(memory), bad_input_in_one_line():
        path = _model_file(model, mlflow)
        estimator = load_model(path, trust=trust, allow_pickle=allow_pickle)
        tables = _load_tables(estimator, label, train=train, holdout=holdout)
        _check_measurable(conditions, n_outside=len(tables[-1]))
        result = _audit(
            _behind_a_box(estimator) if black_box else estimator,
            *tables,
            effort=effort,
            n_jobs=n_jobs,
            memory=memory,
            random_state=random_state,
            **({"n_shadow_models": shadow_models} if shadow_models else {}),
            **({"time_budget": time_budget} if time_budget else {}),
            **({"groups": list(groups)} if groups else {}),
            **({"sensitive": list(sensitive)} if sensitive else {}),
            **({"property": list(properties)} if properties else {}),
            **({"extraction": extraction_budget} if extraction_budget else {}),
        )
        _deliver(result, report, json)
        if junit is not None:
            click.echo(f"Wrote {_write_junit(junit, result, conditions)}")
        _leave_if_any_holds(conditions, result)


@main.command()
@model_argument
@mlflow_option
@click.option("--json", type=click.Path(), help="Write the findings to this JSON file.")
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "warning"]),
    help="Leave with code 3 if something of this severity, or graver, is found.",
)
@trust_option
@allow_pickle_option
def scan(model, mlflow, json, fail_on, trust, allow_pickle):
    """Say what MODEL (a .skops file) holds of its training set, without any data.

    Exit codes: 0 done, 2 bad input, 3 --fail-on holds.
    """
    _check_paths(("--json", json))
    with bad_input_in_one_line():
        path = _model_file(model, mlflow)
        estimator = load_model(
            path, trust=trust, allow_pickle=allow_pickle, must_predict=False
        )
        leaks = _scan(estimator)
        print_leaks(leaks)
        if json is not None:
            click.echo(f"Wrote {_write_scan(json, estimator, leaks)}")
    _leave_if_any_is_grave(fail_on, leaks)


@main.command("audit-dp")
@click.argument("model", type=INPUT_FILE)
@click.option(
    "--train",
    required=True,
    type=INPUT_FILE,
    help="Records that such a model is trained on: CSV or parquet.",
)
@click.option("--label", help="Name of the label's column, if the model has labels.")
@click.option(
    "--effort",
    type=EFFORTS,
    default="standard",
    show_default=True,
    help="Look inside and replay; also 500 runs on each of two data sets; 2,000, and "
    "canaries.",
)
@click.option(
    "--claimed-epsilon",
    type=click.FloatRange(0),
    help="What is claimed, if the model does not say.",
)
@click.option(
    "--delta",
    type=click.FloatRange(0, 1, max_open=True),
    help="Delta at which epsilon is bounded; that of the claim if not given.",
)
@click.option(
    "--adjacency",
    type=click.Choice(["replace", "add-remove"]),
    help="Which data sets --claimed-epsilon is about: one record is another, which is "
    "the default, or there is one more or less.",
)
@click.option("--json", type=click.Path(), help="Write the findings to this JSON file.")
@click.option(
    "--fail-if-refuted",
    is_flag=True,
    help="Leave with code 3 if the claim, or its proof, is refuted.",
)
@n_jobs_option
@memory_option("Folder that keeps what was found, so that an interrupted run goes on.")
@seed_option("Seed of the audit; the noise of the models is not seeded.")
@trust_option
@allow_pickle_option
def audit_dp(
    model,
    train,
    label,
    effort,
    claimed_epsilon,
    delta,
    adjacency,
    json,
    fail_if_refuted,
    n_jobs,
    memory,
    random_state,
    trust,
    allow_pickle,
):
    """Try to refute the guarantee of MODEL (a .skops file).

    Models like it are trained again, on TRAIN and on data sets that differ from it by
    one record. Exit codes: 0 done, 2 bad input, 3 --fail-if-refuted holds, 130
    interrupted.
    """
    _check_paths(("--json", json))
    what = "findings of methods that were finished"
    with interruption_tells_what_is_kept(memory, what), bad_input_in_one_line():
        from skprivacy.auditing import audit_guarantee

        estimator = load_model(
            model, trust=trust, allow_pickle=allow_pickle, must_predict=False
        )
        X, y = load_table(train, "--train"), None
        if label is not None:
            X, y = split_label(X, label, "--train")
        with show_progress("Fits"):
            audited = audit_guarantee(
                estimator,
                features_for(estimator, X, "--train"),
                y,
                effort=effort,
                claimed=claim_of(claimed_epsilon, delta, adjacency),
                delta=delta,
                memory=memory,
                n_jobs=n_jobs,
                random_state=random_state,
            )
        print_audited(audited)
        if json is not None:
            click.echo(f"Wrote {write_audited(json, audited)}")
    if fail_if_refuted and audited.violated:
        say("failed", "--fail-if-refuted: the claim, or its proof, is refuted.")
        raise click.exceptions.Exit(CONDITION_HOLDS)


@main.command()
@click.argument("before", type=INPUT_FILE)
@click.argument("after", type=INPUT_FILE)
@click.option(
    "--fail-if-more",
    is_flag=True,
    help="Leave with code 3 if any figure is seen to leak more in AFTER.",
)
def compare(before, after, fail_if_more):
    """Put two JSON reports of audits beside each other: BEFORE a change, and AFTER.

    Exit codes: 0 done, 2 bad input, 3 --fail-if-more holds.
    """
    with bad_input_in_one_line():
        from skprivacy._report import compare_reports, load_report

        reports = load_report(before, "BEFORE"), load_report(after, "AFTER")
        changes = compare_reports(*reports)
        print_comparison(*reports, changes)
    if fail_if_more and any(change.direction == "more" for change in changes):
        say("failed", "--fail-if-more: a figure shows more leak than before.")
        raise click.exceptions.Exit(CONDITION_HOLDS)


@main.command()
@click.argument("target")
@click.option(
    "--records",
    required=True,
    type=INPUT_FILE,
    help="Records to ask with, without labels: CSV or parquet.",
)
@click.option(
    "--out", required=True, type=click.Path(), help="Write the copy here (joblib)."
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="COLUMN",
    help="A column that is not asked with. May be repeated.",
)
@click.option(
    "--budget",
    type=click.IntRange(10),
    default=1000,
    show_default=True,
    help="Answers that the copy may cost.",
)
@click.option(
    "--judges",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Answers besides, to tell its fidelity; at most half of the records.",
)
@click.option(
    "--classes",
    metavar="A,B,...",
    help="Names of the classes of an address, in the order of its answers.",
)
@click.option(
    "--response",
    type=click.Choice(["auto", "proba", "decision", "label", "value"]),
    default="auto",
    show_default=True,
    help="What the target answers with.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Sent to an address with each request. May be repeated.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Records in a request.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds to wait for an answer.",
)
@click.option(
    "--retries",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="How often a request is repeated.",
)
@memory_option(
    "Folder that keeps the answers of an address, so that a run that broke off goes on."
)
@seed_option()
@trust_option
@allow_pickle_option
def extract(target, records, out, ignore, budget, judges, random_state, **how):
    """Copy TARGET, an http(s) address or a model file, by asking it.

    Exit codes: 0 done, 2 bad input or a target that does not answer, 130 interrupted.
    """
    from skprivacy._report import check_writable

    memory = how["memory"]
    with interruption_tells_what_is_kept(memory, "answers"), bad_input_in_one_line():
        path = check_writable(out, "--out")
        table = load_records(records, ignore)
        box, table = open_target(target, table, **how)
        copy, fidelity, n_judges = extract_copy(
            box, table, budget=budget, n_judges=judges, random_state=random_state
        )
        write_copy(copy, path)
        tell(copy, fidelity, n_judges, box)
        click.echo(f"Wrote {path}")


def _scan(model):
    from skprivacy.inspection import leak_scan

    return leak_scan(model)


def _write_scan(path, model, leaks):
    from skprivacy._report import check_writable, render_scan, write_atomically

    path = check_writable(path, "--json")
    return write_atomically(path, render_scan(type(model).__name__, leaks))


def _leave_if_any_is_grave(fail_on, leaks):
    grave = {"critical": ["critical"], "warning": ["critical", "warning"]}
    n_found = int(leaks["severity"].isin(grave.get(fail_on, [])).sum())
    if n_found:
        say("failed", f"--fail-on {fail_on}: {n_found} findings.")
        raise click.exceptions.Exit(CONDITION_HOLDS)


def _check_paths(*named):
    """Refuse files that cannot be written before anything is computed."""
    from skprivacy._report import check_writable

    with bad_input_in_one_line():
        for name, path in named:
            if path is not None:
                check_writable(path, name)


def _model_file(model, mlflow):
    """Return the file of the model, fetched from MLflow where that is asked for."""
    if (model is None) == (mlflow is None):
        raise BadInput("give either MODEL, a file, or --mlflow URI.")
    return model if mlflow is None else fetch_model_file(mlflow)


def _load_tables(model, label, **files):
    tables = []
    for name, path in files.items():
        option = f"--{name}"
        X, y = split_label(load_table(path, option), label, option)
        tables += [features_for(model, X, option), y]
    return tables


def _check_measurable(conditions, n_outside):
    for condition in conditions:
        if n_outside < condition.needed_outsiders:
            raise BadInput(
                f"--fail-if {condition.text!r} needs at least "
                f"{condition.needed_outsiders:,} records in --holdout, which has "
                f"{n_outside:,}."
            )


def _behind_a_box(model):
    from skprivacy.targets import BlackBox

    return BlackBox(model)


def _audit(model, *tables, **options):
    from skprivacy import audit

    with show_progress("Shadow models"):
        return audit(model, *tables, **options)


def _deliver(result, html, json):
    """Print the result and write the files that were asked for."""
    print_result(result)
    for path, write in ((html, result.to_html), (json, result.to_json)):
        if path is not None:
            click.echo(f"Wrote {write(path)}")


def _write_junit(path, result, conditions):
    from skprivacy._report import check_writable, render_junit, write_atomically

    path = check_writable(path, "--junit")
    return write_atomically(path, render_junit(result, conditions))


def _leave_if_any_holds(conditions, result):
    held = [condition.text for condition in conditions if condition.holds(result)]
    for text in held:
        say("failed", f"--fail-if {text!r} holds.")
    if held:
        raise click.exceptions.Exit(CONDITION_HOLDS)
