"""What keeps diffprivlib's models from what they claim."""

__all__ = ["REFUSED", "VIOLATED"]

#: Of each of the library's models, in words.
VIOLATED = {
    "LogisticRegression": (
        "the intercept is not regularized, which the proof needs",
        "noise is too small where data_norm is above 1",
        "the proof is about the minimum, and the solver stops before",
        "with n_jobs all classes get the same noise",
        "which classes there are is read off the data",
    ),
    "GaussianNB": (
        "a record that changes its class costs more than is accounted for",
        "which classes there are is read off the data",
    ),
    "LinearRegression": (
        "the squares of columns get no noise, or too little, where the lower bound "
        "is the smaller one",
        "the intercept costs twice what is accounted for",
    ),
    "KMeans": (
        "a cluster without records is left where it is, without noise",
        "the steps cost more than epsilon where there are more than five columns",
        "a record that becomes another changes two clusters",
        "clusters of records and the inertia are kept without noise",
    ),
    "StandardScaler": ("the number of missing values is kept without noise",),
    "PCA": (
        "directions are drawn from another distribution than that of the proof",
        "fit overwrites the array that it is given",
    ),
    "RandomForestClassifier": (
        "seeds stay on the trees, and the noise can be drawn again from them",
        "a record that changes its class costs twice what is accounted for",
        "without a record all later ones go to other trees",
    ),
    "DecisionTreeClassifier": (
        "thresholds and noise are drawn from one seed, which thresholds give away",
        "a record that changes its class costs twice what is accounted for",
    ),
}

#: Why nothing around a model can make its claim true.
REFUSED = {
    "RandomForestClassifier": (
        "its trees draw thresholds and noise from one seed of 31 bits, which is kept, "
        "and which can be found from the thresholds where it is not: whoever has the "
        "model can take the noise away"
    ),
    "DecisionTreeClassifier": (
        "it draws thresholds and noise from one generator that is not cryptographic, "
        "whose state the thresholds give away: whoever has the model can take the "
        "noise away"
    ),
}
