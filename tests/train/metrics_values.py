# Prints what scikit-learn makes of the numbers of metrics_test.cpp: metrics_values.txt.
import numpy as np
import sklearn
from sklearn import metrics as m

print("//", sklearn.__version__)


def show(name, value):
    flat = np.asarray(value, dtype=float).ravel()
    print(f"{name}: {{" + ", ".join(repr(float(x)) for x in flat) + "}")


# Class 4 of 5 is absent from targets, class 3 from predictions, class 2 from both.
target = np.array([0, 0, 0, 1, 1, 3, 3, 0, 1, 1, 0, 3])
chosen = np.array([0, 1, 0, 1, 1, 0, 4, 0, 0, 1, 4, 1])
labels = range(5)
show("accuracy", m.accuracy_score(target, chosen))
show("confusion", m.confusion_matrix(target, chosen, labels=labels))
for norm in ("true", "pred", "all"):
    show("confusion " + norm, m.confusion_matrix(target, chosen, labels=labels, normalize=norm))
scores = {
    "precision": m.precision_score,
    "recall": m.recall_score,
    "f1": m.f1_score,
    "f2": lambda *a, **k: m.fbeta_score(*a, beta=2, **k),
}
for zero in (0, 1, np.nan):
    for name, f in scores.items():
        for average in (None, "micro", "macro", "weighted"):
            show(f"{name} {average} {zero}",
                 f(target, chosen, labels=labels, average=average, zero_division=zero))
for zero in (0, 1):
    for average in (None, "micro", "macro", "weighted"):
        show(f"jaccard {average} {zero}",
             m.jaccard_score(target, chosen, labels=labels, average=average, zero_division=zero))
two = target > 0, chosen > 0
for name, f in (*scores.items(), ("jaccard", m.jaccard_score)):
    show(name + " binary", f(*two))

s = np.array([0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9, 0.1])
t = np.array([0, 0, 1, 1, 1, 0, 1, 0])
show("auroc", m.roc_auc_score(t, s))
several = np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5], [0.5, 0.5, 0],
                    [0.5, 0.25, 0.25], [0, 0.5, 0.5], [0.25, 0.5, 0.25]])
c = np.array([0, 1, 2, 1, 0, 2, 0])
for average in (None, "macro", "weighted", "micro"):
    show(f"auroc {average}", m.roc_auc_score(c, several, multi_class="ovr", average=average))
for k in (1, 2, 3):
    show(f"top {k}", m.top_k_accuracy_score(c, several, k=k))

y = np.array([[3.0, 1e6], [-0.5, 1e6 + 1], [2.0, 1e6 + 2], [7.0, 1e6 + 4]])
p = np.array([[2.5, 1e6], [0.0, 1e6 + 2], [2.0, 1e6 + 2], [8.0, 1e6 + 3]])
show("mse", m.mean_squared_error(y, p))
show("rmse", m.mean_squared_error(y, p) ** 0.5)
show("mae", m.mean_absolute_error(y, p))
for how in ("raw_values", "uniform_average", "variance_weighted"):
    show("r2 " + how, m.r2_score(y, p, multioutput=how))
show("r2 constant", [m.r2_score([2, 2], [2, 2]), m.r2_score([2, 2], [2, 3])])
